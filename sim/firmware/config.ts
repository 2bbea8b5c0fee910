/**
 * `config`: what the device is made of. What it is told replaces what it was told before; what cannot be is refused
 * item by item, and each kind is answered by itself. A configuration that is older than the last is refused, and one
 * in several parts is whole with the last of them. protocol.md §1.2 D6, §2.7
 */

import { Compile } from 'typebox/compile'
import { type MockSensor, OFFLINE_RULES, OfflineRule, sensorKey } from '../../routing/contract/mock.js'
import { fromDevice, toDevice } from '../../routing/contract/topics.js'
import { asked, type Parts, said } from '../board.js'
import { LARGEST } from '../outbox.js'
import { library } from '../quantities.js'
import type { WiredBoard } from '../wired-board.js'
import { actuatorOf, type Failure, failure, MOST, sensorOf } from './config-items.js'
import { hearing, type Message, numberIn, textIn } from './hearing.js'

type Kind = 'sensor' | 'actuator' | 'system'

const MOST_FAILURES = 10
const isRule = Compile(OfflineRule)
const isFailure = (made: object): made is Failure => 'error_code' in made
const listIn = (message: Message, name: string): readonly unknown[] | undefined =>
  Array.isArray(message[name]) ? (message[name] as unknown[]) : undefined

/** What came of one kind. */
interface Outcome {
  readonly kind: Kind
  readonly count: number
  readonly failures: readonly Failure[]
}

function answer(board: WiredBoard, message: Message, { kind, count, failures }: Outcome): void {
  const total = failures.length
  const status = total === 0 ? 'success' : count > 0 ? 'partial_success' : 'error'
  const { reason_code } = message
  const made = (shown: number) => ({
    ...said(board),
    status,
    type: kind,
    count,
    failed_count: total,
    message:
      total === 0
        ? `Configured ${count} ${kind}(s) successfully`
        : `Configured ${count} ${kind}(s), ${total} failed`,
    ...(total > 0 && { error_code: failures[0]!.error, failures: failures.slice(0, shown) }),
    ...(shown < total && { failures_truncated: true, total_failures: total }),
    ...asked(message),
    ...(numberIn(message, 'generation') !== undefined && { generation: message.generation }),
    ...(typeof reason_code === 'string' && { reason_code }),
    ...(board.state.pushed.config_fingerprint && {
      config_fingerprint: board.state.pushed.config_fingerprint,
    }),
  })
  // It has to fit into the buffer: fewer failures are named then.
  let shown = Math.min(total, MOST_FAILURES)
  while (shown > 0 && Buffer.byteLength(JSON.stringify(made(shown))) > LARGEST) shown--
  board.say(fromDevice.configResponse, {}, made(shown), 1)
}

const isTwin = (a: MockSensor, b: MockSensor): boolean =>
  a.gpio === b.gpio &&
  library.normalise(a.sensor_type) === library.normalise(b.sensor_type) &&
  (!a.address || !b.address || a.address === b.address)

/** Under which a sensor is kept: as its own that it is, else by pin and type, and by address where that is taken. */
function keyFor(board: WiredBoard, told: Readonly<Record<string, MockSensor>>, sensor: MockSensor): string {
  const own = Object.entries(board.config.sensors).find(([, one]) => isTwin(one, sensor))
  if (own) return own[0]
  const key = sensorKey(sensor)
  const taken = told[key] ?? board.config.sensors[key]
  return taken && !isTwin(taken, sensor) ? `${key}_${sensor.address}` : key
}

/** Reads all items of a kind; those that cannot be are left out. */
function read<T extends { gpio: number }>(
  kind: 'sensor' | 'actuator',
  items: readonly unknown[],
  make: (item: unknown) => T | Failure,
  refuse: (made: T) => string | undefined,
  take: (made: T) => void,
): Outcome {
  const failures: Failure[] = []
  let count = 0
  for (const item of items) {
    const made = make(item)
    if (isFailure(made)) {
      failures.push(made)
      continue
    }
    const why = refuse(made)
    if (why) failures.push(failure(kind, item, 'GPIO_CONFLICT', why))
    else if (count >= MOST[kind])
      failures.push(failure(kind, item, 'OUT_OF_RANGE', `there is room for ${MOST[kind]}`))
    else {
      count++
      if ((item as Message).active !== false) take(made)
    }
  }
  return { kind, count, failures }
}

function sensors(board: WiredBoard, items: readonly unknown[], goesOn: boolean): Outcome {
  const before = board.state.pushed.sensors ?? {}
  const told: Record<string, MockSensor> = goesOn ? { ...before } : {}
  const outcome = read(
    'sensor',
    items,
    sensorOf,
    ({ gpio }) => (board.outputs.find(gpio) ? `GPIO ${gpio} drives an actuator` : undefined),
    (sensor) => {
      told[keyFor(board, told, sensor)] = sensor
    },
  )
  board.state.pushed.sensors = told
  for (const key of new Set([...Object.keys(before), ...Object.keys(told)]))
    if (JSON.stringify(before[key]) !== JSON.stringify(told[key])) board.sensors.renew(key)
  return outcome
}

function actuators(board: WiredBoard, items: readonly unknown[], goesOn: boolean): Outcome {
  const { pushed } = board.state
  const before = pushed.actuators ?? {}
  const told = goesOn ? { ...before } : {}
  const carries = (gpio: number) => board.sensors.on(gpio).length > 0
  const outcome = read(
    'actuator',
    items,
    actuatorOf,
    ({ gpio }) => (carries(gpio) ? `GPIO ${gpio} carries a sensor` : undefined),
    (actuator) => {
      told[actuator.gpio] = actuator
    },
  )
  pushed.actuators = told
  for (const gpio of new Set([...Object.keys(before), ...Object.keys(told)]))
    if (JSON.stringify(before[gpio]) !== JSON.stringify(told[gpio])) board.outputs.renew(Number(gpio))
  return outcome
}

function rules(board: WiredBoard, items: readonly unknown[], goesOn: boolean): readonly Failure[] {
  const failures: Failure[] = []
  const told = goesOn ? [...(board.state.pushed.offline_rules ?? [])] : []
  for (const item of items)
    if (!isRule.Check(item)) failures.push(failure('system', item, 'VALIDATION_FAILED', 'offline rule'))
    else if (told.length >= OFFLINE_RULES)
      failures.push(failure('system', item, 'OUT_OF_RANGE', `there is room for ${OFFLINE_RULES} rules`))
    else told.push(item)
  board.state.pushed.offline_rules = told
  return failures
}

/** Parts after the first add to what the first began. */
function begun(board: WiredBoard, message: Message): Parts | undefined {
  const { parts } = board
  const goesOn =
    (numberIn(message, 'part_index') ?? 1) > 1 &&
    parts?.fingerprint === (textIn(message, 'config_fingerprint') ?? null)
  return goesOn ? parts : undefined
}

function apply(board: WiredBoard, message: Message): void {
  const { pushed } = board.state
  const generation = numberIn(message, 'generation')
  const lists = {
    sensors: listIn(message, 'sensors'),
    actuators: listIn(message, 'actuators'),
    offline_rules: listIn(message, 'offline_rules'),
  }
  if (generation !== undefined && generation < pushed.generation) {
    const stale = failure('system', null, 'VALIDATION_FAILED', `generation ${pushed.generation} is newer`)
    const kinds: Kind[] = [
      ...(lists.sensors ? ['sensor' as const] : []),
      ...(lists.actuators ? ['actuator' as const] : []),
    ]
    for (const kind of kinds.length > 0 ? kinds : (['system'] as const))
      answer(board, message, { kind, count: 0, failures: [stale] })
    return
  }
  const fingerprint = textIn(message, 'config_fingerprint') ?? null
  const last = numberIn(message, 'part_index') === numberIn(message, 'total_parts')
  const { seen, failed: failedBefore } = begun(board, message) ?? { seen: new Set<string>(), failed: 0 }
  const has = (kind: string): boolean => seen.has(kind)

  const outcomes: Outcome[] = []
  if (lists.actuators) outcomes.push(actuators(board, lists.actuators, has('actuators')))
  if (lists.sensors) outcomes.push(sensors(board, lists.sensors, has('sensors')))
  const ruleFailures = lists.offline_rules ? rules(board, lists.offline_rules, has('offline_rules')) : []
  if (outcomes.length === 0 || ruleFailures.length > 0)
    outcomes.push({
      kind: 'system',
      count: lists.offline_rules ? lists.offline_rules.length - ruleFailures.length : settingsIn(message),
      failures: ruleFailures,
    })

  for (const [kind, list] of Object.entries(lists)) if (list) seen.add(kind)
  const failed = failedBefore + outcomes.reduce((sum, { failures }) => sum + failures.length, 0)
  board.parts = last ? undefined : { fingerprint, seen, failed }
  if (generation !== undefined) pushed.generation = generation
  // It says that it has all of it only when it does.
  if (lists.sensors || lists.actuators || lists.offline_rules)
    pushed.config_fingerprint = last && failed === 0 ? fingerprint : null
  board.changed()
  for (const outcome of outcomes) answer(board, message, outcome)
}

const ENVELOPE = [
  'correlation_id',
  'request_id',
  'intent_id',
  'timestamp',
  'reason_code',
  'generation',
  'config_fingerprint',
]
/** How many settings of the device itself it names. */
const settingsIn = (message: Message): number =>
  Object.keys(message).filter((name) => !ENVELOPE.includes(name)).length

export const config = hearing({
  topic: toDevice.config,
  hear: apply,
  unreadable(board) {
    const failures = [failure('system', null, 'VALIDATION_FAILED', 'JSON_PARSE_ERROR')]
    answer(board, {}, { kind: 'system', count: 0, failures })
  },
})
