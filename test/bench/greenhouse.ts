/**
 * The devices of the benches of commands: connected, heard, each of their pumps configured over REST and reported.
 * The same requests go to kaiser and to the peer.
 */
import type { GreenhouseJob } from './control-job.js'
import { type Device, openDevice, type Told } from './device.js'
import { accepted, type Post } from './operator.js'

const AT_ONCE = 25

async function inBatches<T, R>(list: readonly T[], each: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let n = 0; n < list.length; n += AT_ONCE)
    results.push(...(await Promise.all(list.slice(n, n + AT_ONCE).map(each))))
  return results
}

/** What a pump reports of itself. */
export const status = (gpio: number, word: string): readonly [string, object] => [
  `actuator/${gpio}/status`,
  {
    gpio,
    actuator_type: 'pump',
    state: word.toLowerCase(),
    value: word === 'ON' ? 1 : 0,
    last_command: word,
  },
]

/** What a device answers when it has done what it was told. */
export function answer(
  gpio: number,
  { command, value, duration, correlation_id }: Told['message'],
): readonly [string, object][] {
  return [
    [
      `actuator/${gpio}/response`,
      { gpio, command, value, duration, correlation_id, success: true, message: 'done' },
    ],
    [`actuator/${gpio}/status`, { ...status(gpio, String(command))[1], correlation_id }],
  ]
}

/** Connects and configures all of them; `told` hears everything they are told from then on. */
export async function openGreenhouse(
  job: GreenhouseJob,
  post: Post,
  told: (told: Told) => void,
): Promise<Device[]> {
  const names = Array.from({ length: job.devices }, (_, n) => `ESP_PUMPS_${String(n).padStart(4, '0')}`)
  const lost = (): void => {
    throw new Error('a device was disconnected')
  }
  const devices = await inBatches(names, (esp_id) => openDevice({ ...job, esp_id, told, lost }))
  const pumps = devices.flatMap(({ esp_id }) => job.gpios.map((gpio) => ({ esp_id, gpio })))
  await inBatches(pumps, async ({ esp_id, gpio }) => {
    const body = { esp_id, gpio, actuator_type: 'pump', name: `Pump ${gpio}`, enabled: true }
    accepted(await post(`/actuators/${esp_id}/${gpio}`, body), `the pump ${esp_id}/${gpio}`)
  })
  await inBatches(devices, (device) => device.say(...job.gpios.map((gpio) => status(gpio, job.pumps))))
  return devices
}
