/**
 * How long a request that can be answered from memory waits for something newer, in milliseconds. Every instance serves one
 * request at a time: while AWS hangs, waits of seconds would take all of them, and the rest be answered 503.
 */
export const PATIENCE = 500;
