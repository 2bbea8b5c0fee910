/** The place of rules, and what protects actuators without them. */
export const rules = {
  at_most: 'on for at most {time}',
  failed: 'The limits could not be read: {error}',
  interlocks: 'one interlock | {n} interlocks',
  later:
    'kaiser cannot run rules yet. They come with a later version, and will be made and tried out on this page. Until then nothing here switches anything by itself.',
  needs: 'needs one sensor | needs {n} sensors',
  no_end: 'no time limit',
  none: 'No actuator is configured yet. Those without a configuration have the limits of their kind.',
  offline: 'One device rule for when kaiser is away. | {n} device rules for when kaiser is away.',
  of_actuators: 'Limits of your actuators',
  own_kind: 'the limit of its kind',
  protections: [
    'Every actuator has a longest time on, unless somebody has confirmed that it needs none. When it is over, kaiser and the device itself switch it off, also after a restart of either.',
    'Rest times, starts per hour and a daily quota refuse what comes too soon or too often, and say when it may be.',
    'Interlocks keep two actuators from being on together, or one from being on without the other.',
    'An actuator whose sensors went silent, or that visibly does nothing, is switched off or goes to its safe value.',
    'A device that kaiser does not reach follows its own offline rules, up to eight of them, and its own time limits.',
    'The emergency stop is at the foot of every page. It holds until somebody releases it, in two steps.',
  ].join('\n'),
  quota: '{time} a day',
  rests: 'rests for {time}',
  starts: 'one start an hour | {n} starts an hour',
  to_audit: 'What was limited or refused stands in the audit',
  to_overview: 'Actuators on the overview',
  today: 'What protects your actuators today',
}
