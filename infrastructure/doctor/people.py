"""Signing in: the pool sends people back to the portal, and nobody makes an account who should not."""

from __future__ import annotations

from infrastructure.doctor.findings import Deployment, Finding, judge, right


def check_sign_in_client(deployment: Deployment) -> Finding:
    found = deployment.client("cognito-idp").describe_user_pool_client(
        UserPoolId=deployment.outputs["UserPool"], ClientId=deployment.outputs["UserPoolClient"]
    )["UserPoolClient"]
    wanted = f"{deployment.outputs['PublicUrl']}/login/callback"
    problems = [] if wanted in found.get("CallbackURLs", []) else [f"people are not sent back to {wanted}"]
    if found["ClientSecret"] != deployment.secrets.get("PORTAL_OIDC_CLIENT_SECRET"):
        problems.append("the function has another client secret")
    return judge("sign in client", problems, f"sends people back to {wanted}", "make deploy")


def check_accounts(deployment: Deployment) -> Finding:
    """By invitation only, unless domains were named whose people may sign up."""
    pool = deployment.client("cognito-idp").describe_user_pool(UserPoolId=deployment.outputs["UserPool"])
    alone = pool["UserPool"].get("AdminCreateUserConfig", {}).get("AllowAdminCreateUserOnly", False)
    named = deployment.parameters.get("SelfSignUpDomains", "")
    looked_at = named and pool["UserPool"].get("LambdaConfig", {}).get("PreSignUp")
    problems = [] if alone or looked_at else ["anybody can make an account"]
    well = f"for people of {named}" if named else "by invitation"
    step = "Set 'Self-registration' off in the user pool, and look who is in it."
    return judge("accounts", problems, well, step)


def check_invitations(deployment: Deployment) -> Finding:
    pool = deployment.client("cognito-idp").describe_user_pool(UserPoolId=deployment.outputs["UserPool"])
    sender = pool["UserPool"].get("EmailConfiguration", {}).get("EmailSendingAccount", "COGNITO_DEFAULT")
    limit = "sent by Cognito itself, 50 emails a day" if sender == "COGNITO_DEFAULT" else "sent by SES"
    return right("invitations", limit)
