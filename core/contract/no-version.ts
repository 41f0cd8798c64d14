/** What a pointer, a target, a list of withdrawn versions or an attribute says where there is no version. */
export const NO_VERSION = 'none';
