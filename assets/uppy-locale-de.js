export { default } from "@uppy/locales/lib/de_DE.js";
