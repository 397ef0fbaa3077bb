// The face of uploading, as one ES module: only the parts that /upload uses. Sending is ours (static/js/uploads/):
// Uppy's S3 plugin counts a file as sent when S3 has it; for us it is there once the portal has looked at it.
export { default as Uppy } from "@uppy/core";
export { default as Dashboard } from "@uppy/dashboard";
