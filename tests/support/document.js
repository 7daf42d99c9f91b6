// A document for the page's views where there is no browser.
import { DOMParser } from 'linkedom';

const text = '<svg xmlns="http://www.w3.org/2000/svg"/>';
Object.assign(globalThis, { document: new DOMParser().parseFromString(text, 'image/svg+xml') });
