/** What a call to the server can meet. */
export const errors = {
  beside: '{sentence} ({detail})',
  field: '{detail}',
  field_wrong: 'is not valid',
  log_in: 'Please log in.',
  request_wrong: 'The request is not valid',
  silent: 'The server answered {status} without saying why.',
  unreachable: 'kaiser does not answer at {host}. Is it running?',
  wait: '{detail} (in {seconds} s)',
}
