export const times = {
  ago: 'vor {span}',
  ahead: '{span} in der Zukunft datiert',
  d: 'T',
  h: 'Std.',
  just_now: 'gerade eben',
  min: 'min',
  s: 's',
  unknown: 'Zeit unbekannt',
}
