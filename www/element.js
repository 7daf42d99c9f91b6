// @ts-check
/**
 * What a page loads for its `<half-link>`s. It is a classic script, so no host needs a header; it
 * leaves nothing on the page but the element's definition.
 */
import { define } from "./half-link.js";

/** The script that this is; what comes with it lies beside it. A module does not know of itself. */
const own = /** @type {HTMLScriptElement|null} */ (
  document.currentScript ?? document.querySelector("script[src*='halflink-element.js']")
);

/** @type {{createScriptURL: (address: string) => any}|undefined} */
let trust;

/**
 * An address as a page takes it that trusts none but what a policy has made. Ours passes on what is
 * made here, of the address of this script.
 *
 * @param {string} address
 */
function trusted(address) {
  trust ??= /** @type {any} */ (self).trustedTypes?.createPolicy("halflink", {
    createScriptURL: String,
  });
  return trust ? trust.createScriptURL(address) : address;
}

/**
 * @param {string} file
 * @returns {Promise<void>}
 */
function load(file) {
  const address = new URL(`${file}.js`, own?.src).href;
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = trusted(address);
    script.nonce = own?.nonce ?? "";
    script.onload = () => {
      script.remove();
      resolve();
    };
    script.onerror = () => {
      script.remove();
      reject(new Error(`${address} did not load`));
    };
    document.head.append(script);
  });
}

/** Where a site has its scripts; elsewhere they come from a package, and there is no site around. */
const isOfSite = own !== null && new URL(".", own.src).pathname.endsWith("/pkg/");

if (own) define({ load, site: isOfSite ? new URL("../", own.src).href : "" });
