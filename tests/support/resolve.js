// Node's module loader, told three things about the page:
// - the server shows pkg/ inside www/, so `./pkg/halflink.js` is the repository's pkg/halflink.js;
// - all of www/ is modules, though no package.json there says so;
// - the package's command line finds what it depends on among what the tests have.

const www = new URL("../../www/", import.meta.url).href;
const pkg = new URL("../../pkg/", import.meta.url).href;
/** What the package depends on is installed here, and only here. */
const dependencies = ["linkedom"];

/** @type {import('node:module').ResolveHook} */
export async function resolve(specifier, context, next) {
  const isRelative = /^\.{0,2}\//.test(specifier);
  if (isRelative && context.parentURL?.startsWith(www)) {
    const url = new URL(specifier, context.parentURL).href;
    const inPkg = url.startsWith(`${www}pkg/`);
    return next(inPkg ? pkg + url.slice(`${www}pkg/`.length) : url, context);
  }
  if (dependencies.includes(specifier) && context.parentURL?.startsWith(pkg)) {
    return next(specifier, { ...context, parentURL: import.meta.url });
  }
  return next(specifier, context);
}

/** @type {import('node:module').LoadHook} */
export async function load(url, context, next) {
  const isPage = url.startsWith(www) && url.endsWith(".js");
  return next(url, isPage ? { ...context, format: "module" } : context);
}
