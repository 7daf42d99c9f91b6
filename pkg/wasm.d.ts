/**
 * A module of the engine as a file. It is there to be asked for by its address; what importing it
 * gives is your bundler's affair.
 */
declare const module: unknown;
export default module;
