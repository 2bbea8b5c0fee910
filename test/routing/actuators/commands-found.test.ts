/** What the property test found: the shortest sequences that broke a promise once. They break none any more. */
import t from 'tap'
import type { Style } from './whole/device.js'
import { A, B } from './whole/plan.js'
import { openStage } from './whole/stage.js'
import type { Step } from './whole/steps.js'

const plain: Style = {
  echoes: true,
  dates: true,
  counts: true,
  period: 5_000,
  reportsFirst: true,
  answersFirst: true,
}
const pass = (seconds: number): Step => ({ do: 'pass', ms: seconds * 1000 })

interface Found {
  readonly promise: string
  readonly steps: readonly Step[]
  /** Of both devices, where it is not the plain one. */
  readonly style?: Partial<Style>
}

const found: readonly Found[] = [
  {
    promise: 'a batch that is said again to a device that lost its line ends with its last command',
    steps: [
      {
        do: 'batch',
        wishes: [
          { key: `${B} 5`, command: 'ON' },
          { key: `${B} 5`, command: 'OFF' },
        ],
      },
      { do: 'stall', esp_id: B, ms: 10_000, end: 'taken_over' },
      pass(25),
    ],
  },
  {
    promise: 'a device that says it is stopped has not confirmed while it says that something runs',
    style: { reportsFirst: false, answersFirst: false },
    steps: [
      { do: 'stop', by: 'rest', scope: {} },
      { do: 'misbehave', esp_id: B, mode: 'says_on', ms: 15_000 },
      pass(20),
    ],
  },
  {
    promise: 'who is back without having been missed is told OFF when that is wanted',
    style: { echoes: false, dates: false, counts: false, reportsFirst: false },
    steps: [
      { do: 'rest', key: `${B} 4`, command: 'ON' },
      pass(0.5),
      { do: 'break', esp_id: B, will: false, away: 20_000 },
      { do: 'rest', key: `${B} 4`, command: 'OFF' },
      pass(30),
    ],
  },
  {
    promise: 'an ON that found nobody takes nothing from the OFF before it',
    style: { reportsFirst: false },
    steps: [
      { do: 'rest', key: `${B} 4`, command: 'ON' },
      pass(0.5),
      { do: 'break', esp_id: B, will: true, away: 20_000 },
      { do: 'rest', key: `${B} 4`, command: 'OFF' },
      { do: 'mqtt', key: `${B} 4`, command: 'ON' },
      pass(30),
    ],
  },
  {
    promise: 'a wall clock that is put back lengthens nothing that is told again',
    steps: [
      { do: 'mqtt', key: `${B} 4`, command: 'PWM', value: 0.25, duration: 50 },
      pass(15),
      { do: 'jump', ms: -61_000 },
      { do: 'reboot', esp_id: B, will: true, away: 20_000 },
      pass(30),
    ],
  },
  {
    promise: 'nor one that was put back while kaiser did not run',
    style: { dates: false },
    steps: [
      { do: 'rest', key: `${A} 2`, command: 'ON', duration: 20 },
      pass(0.5),
      { do: 'kill', when: 'synced', arrives: true, down: 500, jump: -61_000 },
      { do: 'reboot', esp_id: A, will: false, away: 3_000 },
      pass(25),
    ],
  },
  {
    promise: 'a command is over in its time, also when the wall clock is put back a little',
    steps: [
      { do: 'misbehave', esp_id: A, mode: 'deaf', ms: 60_000 },
      { do: 'rest', key: `${A} 1`, command: 'ON' },
      pass(25),
      { do: 'jump', ms: -20_000 },
      pass(10),
    ],
  },
  {
    promise: 'what is said again is judged again: not while its neighbour is on',
    style: { reportsFirst: false },
    steps: [
      { do: 'stall', esp_id: A, ms: 3_000, end: 'taken_over' },
      { do: 'rest', key: `${A} 2`, command: 'ON' },
      pass(1),
      { do: 'press', key: `${B} 3` },
      pass(10),
    ],
  },
  {
    promise: 'what is said again has only the rest of its time',
    steps: [
      { do: 'rest', key: `${A} 1`, command: 'ON' },
      pass(20),
      { do: 'rest', key: `${A} 1`, command: 'ON' },
      { do: 'stall', esp_id: A, ms: 5_000, end: 'taken_over' },
      pass(60),
    ],
  },
  {
    promise: 'what was on its way when kaiser was killed was not somebody else’s doing',
    style: { echoes: false },
    steps: [
      { do: 'rest', key: `${B} 4`, command: 'ON', duration: 5_000 },
      { do: 'kill', when: 'synced', arrives: true, down: 0, jump: 0 },
      { do: 'rest', key: `${B} 4`, command: 'OFF' },
      pass(15),
    ],
  },
  {
    promise: 'what is said again is ended when its rest is over, also where the device forgets to',
    steps: [
      { do: 'stall', esp_id: A, ms: 40_000, end: 'taken_over' },
      { do: 'mqtt', key: `${A} 1`, command: 'ON', duration: 20 },
      pass(0.5),
      { do: 'kill', when: 'queued', arrives: true, down: 5_000, jump: 0 },
      { do: 'misbehave', esp_id: A, mode: 'forgetful', ms: 60_000 },
      pass(25),
    ],
  },
  {
    promise: 'who says twice within a second that it runs, and between that it stopped, runs',
    style: { counts: false, answersFirst: false },
    steps: [
      { do: 'rule', key: `${B} 4`, command: 'PWM', value: 0.5 },
      pass(3),
      { do: 'misbehave', esp_id: B, mode: 'nods', ms: 60_000 },
      { do: 'stop', by: 'mqtt', scope: { esp_id: B } },
      { do: 'break', esp_id: B, will: true, away: 500 },
      pass(0.5),
    ],
  },
  {
    promise: 'what is said again has only the rest of its time, also when something else made it run',
    style: { echoes: false, period: 10_000 },
    steps: [
      { do: 'rule', key: `${A} 1`, command: 'OFF' },
      pass(13.5),
      { do: 'stall', esp_id: A, ms: 2_000, end: 'dies' },
      { do: 'rest', key: `${A} 1`, command: 'ON', duration: 5, wait: 5 },
      pass(2.5),
      { do: 'misbehave', esp_id: A, mode: 'says_on', ms: 2_000 },
      pass(2),
    ],
  },
  {
    promise: 'a report that names a command of ours was not somebody else’s doing, however late it comes',
    style: { reportsFirst: true, period: 10_000 },
    steps: [
      { do: 'misbehave', esp_id: B, mode: 'no_statuses', ms: 60_000 },
      pass(0.5),
      { do: 'mqtt', key: `${B} 4`, command: 'ON', duration: 5_000 },
      pass(2.5),
      { do: 'break', esp_id: B, will: false, away: 240_000 },
      pass(60),
      { do: 'rest', key: `${B} 4`, command: 'OFF' },
      pass(5),
    ],
  },
  {
    promise: 'who was away when everything was stopped, and released, is told OFF when it is back',
    steps: [
      { do: 'mqtt', key: `${A} 2`, command: 'ON' },
      pass(1.5),
      { do: 'break', esp_id: A, will: true, away: 3_000 },
      pass(0.5),
      { do: 'stop', by: 'rest', scope: { esp_id: A } },
      pass(0.5),
      { do: 'release', by: 'mqtt', scope: { esp_id: A } },
      pass(10),
    ],
  },
  {
    promise: 'also when kaiser was killed in the middle of the stop',
    steps: [
      { do: 'mqtt', key: `${A} 2`, command: 'ON' },
      pass(1.5),
      { do: 'stop', by: 'rest', scope: { esp_id: A } },
      { do: 'kill', when: 'committed', arrives: false, down: 0, jump: 0 },
      { do: 'release', by: 'mqtt', scope: { esp_id: A } },
      pass(10),
    ],
  },
  {
    promise: 'an ON that found nobody takes nothing from what waits for the device',
    style: { echoes: false, dates: false },
    steps: [
      { do: 'stall', esp_id: B, ms: 500, end: 'dies' },
      { do: 'rule', key: `${B} 5`, command: 'ON' },
      pass(1.5),
      {
        do: 'batch',
        wishes: [
          { key: `${B} 5`, command: 'ON', duration: 20 },
          { key: `${B} 5`, command: 'ON' },
        ],
        wait: 20,
      },
      { do: 'rule', key: `${B} 5`, command: 'ON', duration: 5_000 },
      pass(10),
    ],
  },
  {
    promise: 'an ON that was not acknowledged is not said again when OFF was wanted meanwhile',
    steps: [
      { do: 'stall', esp_id: B, ms: 500, end: 'dies' },
      { do: 'rule', key: `${B} 5`, command: 'ON' },
      pass(1.5),
      { do: 'rest', key: `${B} 5`, command: 'OFF' },
      pass(10),
    ],
  },
  {
    promise: 'a wall clock that is put forward and back within a second lengthens nothing',
    steps: [
      { do: 'jump', ms: 20_000 },
      { do: 'mqtt', key: `${A} 2`, command: 'ON' },
      pass(0.5),
      { do: 'jump', ms: -61_000 },
      { do: 'reboot', esp_id: A, will: false, away: 20_000 },
      pass(30),
    ],
  },
  {
    promise: 'nor what got lost before it, when the device says that its own button switched it off',
    style: { echoes: false },
    steps: [
      { do: 'stall', esp_id: A, ms: 10_000, end: 'dies' },
      pass(5.5),
      { do: 'press', key: `${A} 1` },
      pass(2),
      { do: 'rest', key: `${A} 1`, command: 'ON' },
      pass(2),
      { do: 'press', key: `${A} 1` },
      pass(0.5),
      { do: 'rest', key: `${A} 1`, command: 'OFF' },
      pass(10),
    ],
  },
  {
    promise: 'what the device did not acknowledge is not said again after what it did',
    steps: [
      { do: 'misbehave', esp_id: A, mode: 'deaf', ms: 2_000 },
      {
        do: 'batch',
        wishes: [
          { key: `${A} 2`, command: 'OFF' },
          { key: `${A} 2`, command: 'TOGGLE' },
        ],
        wait: 60,
      },
      { do: 'unacknowledged', esp_id: A, ms: 1_000 },
      pass(0.5),
      { do: 'mqtt', key: `${A} 2`, command: 'ON' },
      pass(0.5),
      { do: 'stall', esp_id: A, ms: 40_000, end: 'taken_over' },
      pass(50),
    ],
  },
  {
    promise: 'who says twice within a second that it runs is heard, also when its clock is ahead',
    style: { echoes: false, counts: false, reportsFirst: false, answersFirst: false },
    steps: [
      { do: 'stop', by: 'rest', scope: { esp_id: A, gpio: 1 } },
      { do: 'jump', ms: -5_000 },
      { do: 'press', key: `${A} 1` },
      { do: 'break', esp_id: A, will: false, away: 0 },
      pass(0.5),
      { do: 'press', key: `${A} 1` },
      pass(5),
    ],
  },
  {
    promise:
      'the OFF of a stop that is said ahead of its row gets one, also when somebody says OFF in that moment',
    steps: [
      { do: 'stop', by: 'rest', scope: { esp_id: B } },
      { do: 'rest', key: `${B} 5`, command: 'OFF' },
      pass(2),
    ],
  },
  {
    promise: 'of what got lost one after the other only the last is said again',
    steps: [
      { do: 'stall', esp_id: A, ms: 5_000, end: 'taken_over' },
      { do: 'rest', key: `${A} 1`, command: 'ON', duration: 50 },
      pass(0.5),
      { do: 'rest', key: `${A} 1`, command: 'ON', duration: 20 },
      pass(10),
    ],
  },
]

for (const { promise, steps, style } of found)
  t.test(promise, async (t) => {
    const play = await openStage(t)
    const each = { ...plain, ...style }
    t.equal(await play({ styles: [each, each], steps }), undefined)
  })
