/**
 * What the REST routes of kaiser answer, as far as this page reads it. Names are the wire's; times are ISO
 * 8601 here (they are Unix seconds in events).
 */
import type { DataSource, ProcessingMode, Quality } from '../../routing/contract/quality.js'

export interface AuthStatus {
  setup_required: boolean
  users_exist: boolean
  mqtt_auth_enabled: boolean
  mqtt_tls_enabled: boolean
  mqtt_port: number | null
}

export interface Tokens {
  access_token: string
  refresh_token: string
  token_type: string
  expires_in: number
}

export interface User {
  id: number
  username: string
  email: string
  full_name: string | null
  role: 'admin' | 'operator' | 'viewer'
  is_active: boolean
}

export interface Device {
  device_id: string
  name: string | null
  status: string
  hardware_type: string | null
  last_seen: string | null
  zone_id: string | null
  zone_name: string | null
  heap_free: number | null
  wifi_rssi: number | null
  uptime: number | null
  /** It comes and goes. */
  flapping: boolean
  offline_reason: string | null
  /** healthy, degraded or critical */
  health_status: string | null
  /** As the firmware calls it. */
  system_state: string | null
  sensors?: { gpio: number; sensor_type: string; address: string | null; name: string | null }[]
}

export interface PendingDevice {
  device_id: string
  discovered_at: string | null
  last_seen: string | null
  hardware_type: string | null
  ip_address: string | null
  status?: string
  /** It proved a claim code, and is told its credentials when it is approved. */
  paired?: boolean
}

export interface PairingWindow {
  code: string
  expires_at: string
  devices: number
  admitted: string[]
  /** As many came in as may. */
  full: boolean
}

export interface LatestReading {
  esp_id: string
  gpio: number
  sensor_type: string
  address: string | null
  raw_value: number | null
  processed_value: number | null
  value: number | null
  unit: string | null
  quality: Quality
  processing_mode?: ProcessingMode
  data_source: DataSource
  timestamp: string
}

/** What approving a device answers; the MQTT credentials come this one time only. */
export interface Approval {
  message?: string
  mqtt_username?: string | null
  mqtt_password?: string | null
  /** The device is connected and was told by kaiser itself. */
  told?: boolean
}
