export const entrance = {
  session_ended: 'Ihre Sitzung ist zu Ende. Bitte melden Sie sich wieder an.',
}
