/**
 * `/actuators/states`: every actuator with what it was reported to be last, until when it stays so, and the latest
 * command to it; what a page shows before the events say more. Those that nobody configured are in it too.
 */
import Type, { type Static } from 'typebox'
import { formOf, kindOf, maxRuntimeOf } from '../../routing/actuators/kinds.js'
import type { Place } from '../../routing/actuators/place.js'
import { gpiosOf } from '../../routing/actuators/reports.js'
import { isOn, sensorsIn } from '../../routing/actuators/surroundings.js'
import { STATES } from '../../routing/contract/actuator-payloads.js'
import { isKnown } from '../../routing/registry.js'
import { type Command, isFinal } from '../../storage/actuator-history.js'
import type { Store } from '../../storage/store.js'
import { CommandBody, commandBody } from '../actuator-command-body.js'
import { ActuatorGpio } from '../actuator-request.js'
import { type Resource, route } from '../route.js'
import { EspId, Gpio, ListOf, listed, nullable, PageQuery, Time } from '../shapes.js'
import { iso } from '../web.js'

const Share = Type.Number({ minimum: 0, maximum: 1 })
const Seconds = (description: string) => Type.Number({ minimum: 0, description: `s; ${description}` })

const StateBody = Type.Object({
  esp_id: Type.String(),
  gpio: ActuatorGpio,
  name: nullable(Type.String()),
  kind: Type.String({ description: 'what it is: pump, valve, light …' }),
  actuator_type: Type.Enum(['digital', 'pwm', 'servo'], { description: 'how it is driven' }),
  enabled: nullable(Type.Boolean({ description: 'null when nobody has configured it' })),
  min_value: Share,
  max_value: Share,
  state: nullable(Type.Enum([...STATES], { description: 'null when it was never reported' })),
  value: nullable(Type.Number({ description: '0 to 1' })),
  on_since: nullable(Time),
  off_at: nullable(Time),
  reported_at: nullable(Time),
  stale_since: nullable(
    Type.String({ format: 'date-time', description: 'nobody knows whether it still is so' }),
  ),
  stale_reason: nullable(Type.String({ description: 'why nobody knows' })),
  error: nullable(Type.String()),
  emergency: Type.String({ description: 'normal, active, clearing or resuming' }),
  limits: Type.Object({
    max_runtime_seconds: Seconds('0 = no limit'),
    min_off_seconds: Seconds('between two runs; 0 = no limit'),
    daily_quota_seconds: nullable(Seconds('within 24 h; null without a limit')),
    starts_per_hour: nullable(Type.Integer({ description: 'null without a limit' })),
  }),
  required_sensors: Type.Array(
    Type.Object({
      esp_id: Type.String(),
      gpio: Gpio,
      sensor_type: Type.String(),
      address: Type.Optional(Type.String()),
      max_age: Seconds('how old its latest value may be'),
    }),
    { description: 'without a fresh value of each it takes its safe value' },
  ),
  command: nullable(CommandBody),
})

export function actuatorStates({ store }: { store: Store }): Resource {
  return {
    prefix: '/actuators',
    tag: 'Actuators',
    routes: [
      route({
        method: 'GET',
        path: '/states',
        role: 'viewer',
        summary: 'What every actuator was reported to be last, until when, and the latest command to it',
        query: Type.Object({ esp_id: Type.Optional(EspId), ...PageQuery }),
        answer: ListOf(StateBody, { description: 'by device and gpio' }),
        handle({ query: { esp_id, ...page } }) {
          const bodies = (places: readonly Place[]) => places.map((place) => stateBody(store, place))
          return listed(placesOf(store, esp_id), page, 'actuators', bodies)
        },
      }),
    ],
  }
}

const placesOf = (store: Store, only: string | undefined): Place[] =>
  store.devices
    .list()
    .filter((device) => isKnown(device) && (only === undefined || device.device_id === only))
    .map(({ device_id }) => device_id)
    .sort()
    .flatMap((esp_id) => gpiosOf(store, esp_id).map((gpio) => ({ esp_id, gpio })))

function stateBody(store: Store, { esp_id, gpio }: Place): Static<typeof StateBody> {
  const config = store.actuatorConfigs.find(esp_id, gpio)
  const state = store.actuatorStates.find(esp_id, gpio)
  const kind = kindOf(config?.actuator_type ?? state?.actuator_type)
  const command = commandOf(store, { esp_id, gpio })
  return {
    esp_id,
    gpio,
    name: config?.actuator_name ?? null,
    kind: kind.type,
    actuator_type: formOf(kind, config ?? { pwm_frequency: null }),
    enabled: config ? config.enabled === 1 : null,
    min_value: config?.min_value ?? 0,
    max_value: config?.max_value ?? 1,
    state: state?.state ?? null,
    value: state?.current_value ?? null,
    on_since: iso(state?.on_since ?? null),
    off_at: isOn(state) ? iso(offAt(store, { esp_id, gpio })) : null,
    reported_at: iso(state?.reported_at ?? null),
    stale_since: iso(state?.stale_since ?? null),
    stale_reason: state?.stale_reason ?? null,
    error: state?.error ?? null,
    emergency: state?.emergency ?? 'normal',
    limits: {
      max_runtime_seconds: maxRuntimeOf(kind, config),
      min_off_seconds: config?.min_off ?? 0,
      daily_quota_seconds: config?.daily_quota ?? null,
      starts_per_hour: config?.starts_per_hour ?? null,
    },
    required_sensors: config ? sensorsIn(config) : [],
    command: command ? commandBody(command) : null,
  }
}

/** What is on its way, else the latest; what is no longer in memory is in the history. */
function commandOf({ actuatorHistory }: Store, { esp_id, gpio }: Place): Command | undefined {
  const commands = actuatorHistory.list(esp_id, gpio)
  const command = commands.findLast((each) => !isFinal(each)) ?? commands.at(-1)
  if (command) return command
  try {
    return actuatorHistory.lastCommand(esp_id, gpio)
  } catch {
    // The disk cannot be read now; what the actuators are is shown all the same.
    return undefined
  }
}

/** When the sooner of its timers is due, ms since 1970. */
function offAt({ actuatorTimers }: Store, { esp_id, gpio }: Place): number | null {
  const due = (['duration', 'max_runtime'] as const).flatMap(
    (kind) => actuatorTimers.find(esp_id, gpio, kind)?.due_at ?? [],
  )
  return due.length > 0 ? Math.min(...due) : null
}
