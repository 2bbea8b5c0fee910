/** Sentences by the code of a refusal. The server's own are English, so here there is nothing to add. */
export const codes = {}
