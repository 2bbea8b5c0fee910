/** What people say when they make a mock device or change one: shapes, and what a wish becomes. rest-contract §6 */
import Type, { type Static } from 'typebox'
import { MockActuator, MockConfig, MockFault, MockSensor } from '../routing/contract/mock.js'
import { fieldWrong } from '../routing/contract/sentences/fields.js'
import { answered } from './asking.js'
import { EspId, given } from './shapes.js'
import { wrongField } from './validate.js'
import { ZoneIdGiven } from './zone-body.js'

/** The pins of the board. */
export const MockGpio = Type.Integer({ minimum: 0, maximum: 39, description: 'a pin of the board' })
export const MockParams = Type.Object({ esp_id: EspId })
export const PinParams = Type.Object({ esp_id: EspId, gpio: MockGpio })

/** Everything but pin and type may be left out. */
const optional = <T extends Record<string, Type.TSchema>, K extends keyof T>(
  fields: T,
  needed: readonly K[],
) =>
  Type.Object(
    Object.fromEntries(
      Object.entries(fields).map(([name, schema]) => [
        name,
        needed.includes(name as unknown as K) ? schema : given(schema),
      ]),
    ) as { [name in keyof T]: name extends K ? T[name] : ReturnType<typeof given<T[name]>> },
  )

export const SensorRequest = optional(
  {
    ...MockSensor.properties,
    gpio: MockGpio,
    variation_pattern: Type.String({ maxLength: 32, description: 'in any case' }),
  },
  ['gpio', 'sensor_type'],
)
export const ActuatorRequest = optional({ ...MockActuator.properties, gpio: MockGpio }, [
  'gpio',
  'actuator_type',
])

const interval = Type.Integer({ minimum: 5, maximum: 300, description: 's' })

export const MockRequest = Type.Object({
  esp_id: EspId,
  zone_id: ZoneIdGiven,
  zone_name: given(Type.String({ maxLength: 100 })),
  master_zone_id: given(Type.String({ maxLength: 50 })),
  subzone_id: given(Type.String({ maxLength: 50 })),
  sensors: given(Type.Array(SensorRequest, { maxItems: 64 })),
  actuators: given(Type.Array(ActuatorRequest, { maxItems: 64 })),
  faults: given(Type.Array(MockFault, { maxItems: 32 })),
  auto_heartbeat: given(Type.Boolean()),
  heartbeat_interval_seconds: given(interval),
  payload: given(MockConfig.properties.payload),
  seed: MockConfig.properties.seed,
  place: MockConfig.properties.place,
})
export type MockRequest = Static<typeof MockRequest>

export const HeartbeatInterval = interval

/** The id that pages preview for a name. rest-contract §6 */
export function zoneIdOf(zone_name: string): string {
  const plain = { ä: 'ae', ö: 'oe', ü: 'ue', ß: 'ss' } as const
  return zone_name
    .toLowerCase()
    .replaceAll(/[äöüß]/g, (letter) => plain[letter as keyof typeof plain])
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_|_$/g, '')
    .slice(0, 50)
}

/** An empty text is none. rest-contract §1 */
const text = (word: string | null | undefined): string | undefined => word || undefined

/** The mock that a request asks for. Throws Problem where its zone's name gives no id. */
export function newMock(body: MockRequest) {
  const { esp_id, sensors, actuators, faults, heartbeat_interval_seconds, payload } = body
  const zone_name = text(body.zone_name)
  const zone_id = (text(body.zone_id) ?? (zone_name && text(zoneIdOf(zone_name))))?.toLowerCase()
  if (zone_name && !zone_id) {
    const said = fieldWrong('zone_name_no_id')
    throw wrongField('zone_name', said.sentence, zone_name, 'body', said)
  }
  const master_zone_id = text(body.master_zone_id)
  const subzone_id = text(body.subzone_id)
  return {
    esp_id,
    config: {
      auto_heartbeat: body.auto_heartbeat ?? false,
      ...(heartbeat_interval_seconds && { heartbeat_interval: heartbeat_interval_seconds }),
      ...(payload && { payload }),
      ...(body.seed != null && { seed: body.seed }),
      ...(body.place && { place: body.place }),
      ...(zone_id && { zone_id, ...(zone_name && { zone_name }) }),
      ...(master_zone_id && { master_zone_id }),
      ...(subzone_id && { subzone_id }),
    },
    sensors: (sensors ?? []).map(named),
    actuators: (actuators ?? []).map(named),
    faults: faults ?? [],
  }
}

/** The same without names that are empty. */
export const named = <T extends { name?: string | null; subzone_id?: string | null }>(wish: T): T => ({
  ...wish,
  name: wish.name || null,
  ...('subzone_id' in wish && { subzone_id: wish.subzone_id || null }),
})

/** Runs `work`. Throws Problem where the fleet or the registry says no. */
export async function asked<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw answered(error)
  }
}
