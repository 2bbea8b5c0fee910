/** A device with its configuration, read again and again while its page is open, and kept current by events in between. */
import { computed, onMounted, onUnmounted, ref, shallowRef, watch } from 'vue'
import { ApiError, call } from '../../api.js'
import { createReloading } from '../../reloading.js'
import { devices, nameSensors } from '../../store/devices.js'
import { type ActuatorConfig, configsOf, type DeviceDetail, pathOf, type SensorConfig } from './device.js'

/** What a device answers to its configuration no list tells: it is looked at now and then. */
const EVERY = 5000

/** Nobody knows it: there is none, or its id is none. */
const isUnknown = (error: unknown): boolean =>
  error instanceof ApiError && (error.status === 404 || error.status === 422)

export function useDevice(device_id: () => string) {
  const listed = shallowRef<DeviceDetail>()
  const sensorConfigs = shallowRef<SensorConfig[]>([])
  const actuatorConfigs = shallowRef<ActuatorConfig[]>([])
  const isAbsent = ref(false)

  const { load, loading, soon, forget } = createReloading(async () => {
    const id = device_id()
    try {
      const [detail, sensors, switches] = await Promise.all([
        call<DeviceDetail>('GET', pathOf(id)),
        configsOf<SensorConfig>('sensors', id),
        configsOf<ActuatorConfig>('actuators', id),
      ])
      return () => {
        isAbsent.value = false
        listed.value = detail
        nameSensors(detail)
        sensorConfigs.value = sensors
        actuatorConfigs.value = switches
      }
    } catch (error) {
      if (!isUnknown(error)) throw error
      return () => {
        isAbsent.value = true
        listed.value = undefined
      }
    }
  })

  let timer: ReturnType<typeof setInterval> | undefined
  onMounted(() => {
    void load()
    timer = setInterval(() => document.visibilityState === 'visible' && void load(), EVERY)
  })
  onUnmounted(() => {
    clearInterval(timer)
    forget()
  })
  watch(device_id, () => {
    listed.value = undefined
    void load()
  })
  watch(
    () => devices.get(device_id()),
    () => soon(1000),
  )

  /** Its row, with what was heard since. */
  const device = computed<DeviceDetail | undefined>(() => {
    const known = devices.get(device_id())
    if (!listed.value || !known) return listed.value
    const { status, last_seen, heap_free, wifi_rssi, uptime, flapping, health_status } = known
    return { ...listed.value, status, last_seen, heap_free, wifi_rssi, uptime, flapping, health_status }
  })
  return { device, sensorConfigs, actuatorConfigs, isAbsent, loading, load }
}
