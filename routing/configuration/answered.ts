/**
 * What a device's answer to a configuration means for each config: applied, failed with the reason, or as it was
 * where the answer does not say. An answer is about what it answers: a config that was changed since then still waits.
 * Only configs that wait become applied; a failure may also be about one that worked before. Whoever calls is inside
 * the group.
 */
import type { ActuatorConfig } from '../../storage/actuator-configs.js'
import type { Device } from '../../storage/devices.js'
import type { SensorConfig } from '../../storage/sensor-configs.js'
import type { ConfigFailure, ConfigResponse } from '../contract/actuator-payloads.js'
import type { Context } from '../handler.js'

/** An item the device refused. */
export interface Failure {
  type: string
  gpio: number | null
  error_code: number | string | null
  error: string | null
  detail: string | null
}

const LONGEST = 250
const lower = (word: string | null | undefined): string | undefined => word?.toLowerCase() || undefined
const typeOf = (payload: ConfigResponse): string => lower(payload.type ?? payload.config_type)!

/** `failed` is the older word for `error`. */
export const statusOf = (payload: ConfigResponse): 'success' | 'partial_success' | 'error' => {
  const status = payload.status.toLowerCase()
  return status === 'success' || status === 'partial_success' ? status : 'error'
}

const failureOf = (failure: ConfigFailure, type: string): Failure => ({
  type: lower(failure.type) ?? type,
  gpio: failure.gpio ?? null,
  error_code: failure.error_code ?? null,
  error: failure.error ?? null,
  detail: failure.detail ?? null,
})

/** Older firmware names one item only, as it was sent to it. */
function legacyFailure(payload: ConfigResponse): Failure[] {
  const gpio = payload.failed_item?.gpio
  if (!Number.isInteger(gpio)) return []
  const error_code = payload.error_code ?? null
  const error = typeof error_code === 'string' ? error_code : null
  return [{ type: typeOf(payload), gpio: gpio as number, error_code, error, detail: payload.message ?? null }]
}

export const failuresOf = (payload: ConfigResponse): Failure[] =>
  payload.failures && payload.failures.length > 0
    ? payload.failures.map((failure) => failureOf(failure, typeOf(payload)))
    : legacyFailure(payload)

export const reasonOf = ({ error, error_code, detail }: Failure): string =>
  [error ?? error_code, detail]
    .filter((part) => part != null && part !== '')
    .join(': ')
    .slice(0, LONGEST) || 'the device refused it'

/** All items that failed are named, so that the others are applied. */
function isWhole(payload: ConfigResponse, named: number): boolean {
  const failed = payload.total_failures ?? payload.failed_count ?? named
  return !payload.failures_truncated && failed <= named
}

interface Config {
  readonly id: string
  readonly gpio: number
  readonly enabled: number
  readonly config_status: 'pending' | 'applied' | 'failed'
}

type Outcome = { config_status: 'applied' | 'failed'; config_error: string | null }

/** What became of the configs it was asked about; `isAsked` when it is known that it was. */
function judge<C extends Config>(
  configs: readonly C[],
  payload: ConfigResponse,
  failures: readonly Failure[],
  isAsked: boolean,
  update: (config: C, changes: Outcome) => void,
): void {
  const status = statusOf(payload)
  // Nothing was applied, whether or not each item is named.
  const nothing = status === 'error' && (payload.count ?? 0) === 0
  const others =
    nothing && failures.length === 0
      ? 'failed'
      : isWhole(payload, failures.length) && !nothing
        ? 'applied'
        : undefined
  for (const config of configs) {
    const failure = failures.find(({ gpio }) => gpio === config.gpio)
    // One that failed before, and was told again, may work now.
    const waits = config.config_status === 'pending' || (isAsked && config.config_status === 'failed')
    if (failure) update(config, { config_status: 'failed', config_error: reasonOf(failure) })
    else if (!waits || config.enabled === 0) continue
    else if (others === 'applied') update(config, { config_status: 'applied', config_error: null })
    else if (others === 'failed') {
      const config_error = (payload.message ?? String(payload.error_code ?? 'the device refused it')).slice(
        0,
        LONGEST,
      )
      update(config, { config_status: 'failed', config_error })
    }
  }
}

/** The device had no time for it: it is told again. protocol.md §2.8 */
const isBusy = ({ reason_code }: ConfigResponse): boolean => reason_code?.toUpperCase() === 'CONFIG_LANE_BUSY'

/** Writes down, config by config, what became of them. */
export function answered(
  { store, configuration }: Pick<Context, 'store' | 'configuration'>,
  device: Device,
  payload: ConfigResponse,
  now: number,
): Failure[] {
  const type = typeOf(payload)
  const failures = failuresOf(payload)
  if (isBusy(payload)) return failures
  const of = (kind: string): Failure[] => failures.filter((failure) => failure.type === kind)
  const { sensorConfigs, actuatorConfigs } = store
  const asked = configuration.asked(device, type, payload)
  /** Those it was asked about, as they still are. */
  const meant = <C extends SensorConfig | ActuatorConfig>(
    configs: readonly C[],
    texts: ReadonlyMap<string, string> | undefined,
  ): readonly C[] =>
    texts
      ? configs.filter((config) => texts.get(config.id) === configuration.textOf(device, config))
      : configs
  if (type === 'sensor')
    judge(
      meant(sensorConfigs.list(device.device_id), asked?.sensors),
      payload,
      of('sensor'),
      asked !== undefined,
      (config, changes) => sensorConfigs.update(config, changes, now),
    )
  if (type === 'actuator')
    judge(
      meant(actuatorConfigs.list(device.device_id), asked?.actuators),
      payload,
      of('actuator'),
      asked !== undefined,
      (config, changes) => actuatorConfigs.update(config, changes, now),
    )
  // Firmware complains about a kind that was not in the message: it refused nothing.
  const isEmpty = (type === 'sensor' ? asked?.sensors : asked?.actuators)?.size === 0
  const isConfig = type === 'sensor' || type === 'actuator'
  if (isConfig && !(isEmpty && failures.length === 0)) configuration.answered(device, payload, failures, now)
  return failures
}
