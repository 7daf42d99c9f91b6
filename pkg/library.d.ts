/** A shipped scenario. */
export interface LibraryEntry {
  /** What the menu's value and the command line call it. */
  name: string;
  /** Its title, plain text. */
  title: string;
  /** Its source, plain text. */
  source: string | null;
  /** Which family the menu shows it in; those of one stand together. */
  family: string;
  /** Its text, comments included. */
  text: string;
}

/** All of them, in menu order. */
export declare const library: readonly LibraryEntry[];
