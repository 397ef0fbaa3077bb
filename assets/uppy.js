// The face of uploading, as one ES module: only the parts that /upload uses. Sending is ours (static/js/sending.js):
// Uppy's S3 plugin signs PUT requests, and only a POST policy binds size, type and owner.
export { default as Uppy } from "@uppy/core";
export { default as Dashboard } from "@uppy/dashboard";
