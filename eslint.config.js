// What `make lint` holds the scripts to: names that exist, nothing unused, and no comparison that converts.
import js from "@eslint/js";
import globals from "globals";

const rules = {
  "eqeqeq": "error",
  "no-implicit-globals": "error",
  "no-shadow": "error",
  "no-unused-vars": ["error", { argsIgnorePattern: "^_", caughtErrors: "none" }],
  "no-use-before-define": ["error", { functions: false, classes: false, variables: false }],
  "no-var": "error",
  "object-shorthand": "error",
  "prefer-const": "error",
};

export default [
  { ignores: ["static/vendor/", "node_modules/", ".venv/", ".local/", "build/"] },
  js.configs.recommended,
  { rules, languageOptions: { ecmaVersion: 2023, sourceType: "module" } },
  { files: ["static/js/**/*.js", "assets/*.js", "assets/pages/*.js", "tests/browser/*.js", "benchmarks/**/*.js"], languageOptions: { globals: globals.browser } },
  { files: ["assets/hash-worker.js"], languageOptions: { globals: globals.worker } },
  { files: ["assets/zip/*.js"], languageOptions: { globals: globals.serviceworker } },
  { files: ["assets/*.mjs", "tests/js/**/*.mjs"], languageOptions: { globals: globals.node } },
];
