// What everybody is told who sends more than the form `busy` takes.

/** The sentence, with the seconds to wait. */
export const tooMany = /^This is more than this form takes from one place at a time\. Please send it again in ([1-9]|[12]\d|30) s\.$/;
