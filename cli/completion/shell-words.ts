/** By this name, which no help lists, the scripts of the shells ask for names. */
export const COMPLETE = '__complete';
/** Keeps the names for the next time, and prints none. */
export const REFRESH = '__refresh-names';
