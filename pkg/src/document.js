// @ts-check
/** The document that Node has not. The build puts it in the place of the browser's. */
import { parseHTML } from "linkedom";

export const { document } = parseHTML("<html></html>");
