export const times = {
  ago: '{span} ago',
  ahead: 'dated {span} ahead',
  d: 'd',
  h: 'h',
  just_now: 'just now',
  min: 'min',
  s: 's',
  unknown: 'unknown time',
}
