/** What the server knows of a device that somebody is connecting, asked for again and again; steps.ts reads it. */
import { onMounted, onUnmounted, ref, shallowRef, watch } from 'vue'
import { ApiError, call, sentenceOf } from '../../api.js'

export interface RefusedLogin {
  code: string
  sentence: string
  esp_id: string | null
  address: string
  count: number
  last_at: string
}

export interface Arrival {
  kaiser_id: string
  addresses: string[]
  mqtt_port: number | null
  mqtts_port: number | null
  mqtt_auth_enabled: boolean
  status: string | null
  connection: { kind: string; address: string | null; transport: string; connected_at: string } | null
  refused_logins: RefusedLogin[]
  strangers: RefusedLogin[]
}

interface DeviceSeen {
  status: string
  last_seen: string | null
  last_heartbeat: string | null
  sensors: {
    gpio: number
    sensor_type: string
    raw_value: number
    unit: string
    quality: string
    last_read: string
  }[]
}

interface Reject {
  received_at: string
  topic: string
  payload: string
  code: string
  detail: string
}

interface Finding {
  kind: string
  sentence: string
  last_at: string
}

interface Config {
  gpio: number
  config_status: 'pending' | 'applied' | 'failed'
  config_error: string | null
}

export interface Facts {
  arrival: Arrival
  device: DeviceSeen | undefined
  rejects: Reject[]
  findings: Finding[]
  configs: Config[]
  /** Where it wanted to publish and may not, ms when that was. */
  forbidden: { topic: string; at: number } | undefined
}

const EVERY = 2000

const orNothing = <T>(asked: Promise<T>): Promise<T | undefined> =>
  asked.catch((error) => {
    if (error instanceof ApiError && error.status === 404) return undefined
    throw error
  })

async function factsOf(id: string): Promise<Facts> {
  const arrival = await call<Arrival>('GET', `/esp/devices/${id}/arrival`)
  const query = `esp_id=${id}`
  const [device, rejects, findings, sensors, actuators, forbidden] = await Promise.all([
    orNothing(call<DeviceSeen>('GET', `/esp/devices/${id}`)),
    call<{ data: Reject[] }>('GET', `/rejects?${query}`),
    call<{ data: Finding[] }>('GET', `/findings?${query}`),
    orNothing(call<{ data: Config[] }>('GET', `/sensors?${query}`)),
    orNothing(call<{ data: Config[] }>('GET', `/actuators?${query}`)),
    call<{ data: { client_id: string | null; topic: string; at: number }[] }>(
      'GET',
      '/mqtt/messages?outcome=publish_forbidden&limit=20',
    ),
  ])
  const turnedAway = forbidden.data.find(({ client_id }) => client_id === decodeURIComponent(id))
  return {
    arrival,
    device,
    rejects: rejects.data,
    findings: findings.data,
    configs: [...(sensors?.data ?? []), ...(actuators?.data ?? [])],
    forbidden: turnedAway && { topic: turnedAway.topic, at: turnedAway.at },
  }
}

/** Keeps asking how far a device has come, while the page is in sight. */
export function useArrival(id: () => string) {
  const facts = shallowRef<Facts>()
  const error = ref('')
  let timer: ReturnType<typeof setTimeout> | undefined
  let round = 0

  /** Looks now, and again and again from then on; what was asked before is answered to nobody. */
  async function look(): Promise<void> {
    clearTimeout(timer)
    const mine = ++round
    const asked = id()
    const isWanted = asked !== '' && document.visibilityState === 'visible'
    try {
      const found = isWanted ? await factsOf(encodeURIComponent(asked)) : undefined
      if (mine !== round) return
      if (found) facts.value = found
      error.value = ''
    } catch (failure) {
      if (mine !== round) return
      error.value = sentenceOf(failure)
    }
    timer = setTimeout(look, EVERY)
  }

  onMounted(look)
  watch(id, () => {
    facts.value = undefined
    error.value = ''
    void look()
  })
  onUnmounted(() => {
    round++
    clearTimeout(timer)
  })
  return { facts, error, look }
}
