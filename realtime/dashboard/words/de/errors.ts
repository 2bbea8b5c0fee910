export const errors = {
  beside: '{sentence} ({detail})',
  field: 'ist so nicht gültig ({detail})',
  field_wrong: 'ist so nicht gültig',
  log_in: 'Bitte melden Sie sich an.',
  request_wrong: 'Die Anfrage ist so nicht gültig',
  silent: 'Der Server hat mit {status} geantwortet, ohne einen Grund zu nennen.',
  unreachable: 'kaiser antwortet unter {host} nicht. Läuft es?',
  wait: '{detail} (in {seconds} s)',
}
