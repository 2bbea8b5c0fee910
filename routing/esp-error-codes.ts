/**
 * What the firmware's error codes mean and what to do: one row per code (protocol.md §11). A code that is not here
 * is shown with what the device says itself.
 */
import type { Severity } from '../storage/audit-logs.js'

export interface EspErrorCode {
  readonly code: number
  readonly name: string
  readonly category: 'HARDWARE' | 'SERVICE' | 'COMMUNICATION' | 'APPLICATION'
  readonly severity: Severity
  readonly message: string
  readonly message_de: string
  readonly troubleshooting: readonly string[]
  /** It may pass by itself. */
  readonly recoverable: boolean
  readonly user_action_required: boolean
}

/** Families by thousands. */
const CATEGORIES = ['', 'HARDWARE', 'SERVICE', 'COMMUNICATION', 'APPLICATION'] as const

/** The family a code belongs to. */
export const categoryOf = (code: number): EspErrorCode['category'] =>
  CATEGORIES[Math.floor(code / 1000)] || 'APPLICATION'

/** What passes by itself needs nobody. */
type Nature = 'lasting' | 'passing' | 'news' | 'grave'
const SEVERITY = { lasting: 'error', passing: 'warning', news: 'info', grave: 'critical' } as const

const row = (
  code: number,
  name: string,
  nature: Nature,
  message: string,
  message_de: string,
  ...troubleshooting: string[]
): EspErrorCode => ({
  code,
  name,
  category: categoryOf(code),
  severity: SEVERITY[nature],
  message,
  message_de,
  troubleshooting,
  recoverable: nature === 'passing' || nature === 'news',
  user_action_required: (nature === 'lasting' || nature === 'grave') && troubleshooting.length > 0,
})

// biome-ignore format: one row per code
export const espErrorCodes: readonly EspErrorCode[] = [
  row(1001, 'GPIO_RESERVED', 'lasting', 'The pin is reserved', 'Der Pin ist reserviert', 'Choose another gpio'),
  row(1002, 'GPIO_CONFLICT', 'lasting', 'The pin is used twice', 'Der Pin ist doppelt belegt', 'Choose another gpio', 'Remove the other sensor or actuator'),
  row(1003, 'GPIO_INIT_FAILED', 'lasting', 'A pin could not be set up', 'Ein Pin konnte nicht eingerichtet werden', 'Check gpio and wiring', 'Restart the device'),
  row(1004, 'GPIO_INVALID_MODE', 'lasting', 'A pin cannot be used in that mode', 'Ein Pin kann so nicht benutzt werden', 'Choose another gpio'),
  row(1005, 'GPIO_READ_FAILED', 'lasting', 'A pin could not be read', 'Ein Pin konnte nicht gelesen werden', 'Check the wiring'),
  row(1006, 'GPIO_WRITE_FAILED', 'lasting', 'A pin could not be set', 'Ein Pin konnte nicht gesetzt werden', 'Check the wiring'),
  row(1007, 'I2C_TIMEOUT', 'passing', 'The I²C bus does not answer', 'Der I²C-Bus antwortet nicht', 'Check SDA, SCL and pull-ups', 'Shorten the cable'),
  row(1009, 'I2C_CRC_FAILED', 'passing', 'Data from the I²C bus was damaged', 'Daten vom I²C-Bus waren beschädigt', 'Shorten the cable', 'Add pull-ups'),
  row(1010, 'I2C_INIT_FAILED', 'lasting', 'The I²C bus could not be set up', 'Der I²C-Bus konnte nicht eingerichtet werden', 'Check SDA and SCL'),
  row(1011, 'I2C_DEVICE_NOT_FOUND', 'lasting', 'Nobody answers at that I²C address', 'An dieser I²C-Adresse antwortet niemand', 'Check address and supply'),
  row(1012, 'I2C_READ_FAILED', 'lasting', 'Reading from the I²C bus failed', 'Lesen vom I²C-Bus fehlgeschlagen', 'Check the wiring'),
  row(1013, 'I2C_WRITE_FAILED', 'lasting', 'Writing to the I²C bus failed', 'Schreiben auf den I²C-Bus fehlgeschlagen', 'Check the wiring'),
  row(1014, 'I2C_BUS_ERROR', 'lasting', 'The I²C bus has an error', 'Der I²C-Bus ist gestört', 'Check wiring and supply'),
  row(1015, 'I2C_BUS_STUCK', 'lasting', 'The I²C bus is stuck', 'Der I²C-Bus hängt', 'Power the sensors off and on'),
  row(1016, 'I2C_RECOVERY_STARTED', 'news', 'The I²C bus is being recovered', 'Der I²C-Bus wird wiederhergestellt'),
  row(1017, 'I2C_RECOVERY_FAILED', 'lasting', 'The I²C bus could not be recovered', 'Der I²C-Bus konnte nicht wiederhergestellt werden', 'Power the sensors off and on'),
  row(1018, 'I2C_RECOVERED', 'news', 'The I²C bus works again', 'Der I²C-Bus arbeitet wieder'),
  row(1019, 'I2C_PROTOCOL_UNSUPPORTED', 'lasting', "The sensor's I²C protocol is not supported", 'Das I²C-Protokoll des Sensors wird nicht unterstützt', 'Choose a supported sensor'),
  row(1020, 'ONEWIRE_INIT_FAILED', 'lasting', 'The OneWire bus could not be set up', 'Der OneWire-Bus konnte nicht eingerichtet werden', 'Check pin and pull-up (4.7 kΩ)'),
  row(1021, 'ONEWIRE_NO_DEVICES', 'lasting', 'No sensor answers on the OneWire bus', 'Am OneWire-Bus antwortet kein Sensor', 'Check wiring and pull-up (4.7 kΩ)'),
  row(1022, 'ONEWIRE_READ_FAILED', 'lasting', 'Reading from the OneWire bus failed', 'Lesen vom OneWire-Bus fehlgeschlagen', 'Check wiring and pull-up (4.7 kΩ)'),
  row(1023, 'ONEWIRE_INVALID_ROM_LENGTH', 'lasting', 'A ROM code has the wrong length', 'Ein ROM-Code hat die falsche Länge', 'Enter 16 hex digits'),
  row(1024, 'ONEWIRE_INVALID_ROM_FORMAT', 'lasting', 'A ROM code is not hexadecimal', 'Ein ROM-Code ist nicht hexadezimal', 'Enter 16 hex digits'),
  row(1025, 'ONEWIRE_INVALID_ROM_CRC', 'lasting', 'A ROM code does not check', 'Ein ROM-Code hat eine falsche Prüfsumme', 'Read the ROM code again'),
  row(1026, 'ONEWIRE_DEVICE_NOT_FOUND', 'lasting', 'The sensor of that ROM code does not answer', 'Der Sensor mit diesem ROM-Code antwortet nicht', 'Check wiring and ROM code'),
  row(1027, 'ONEWIRE_NOT_INITIALIZED', 'lasting', 'The OneWire bus is not set up', 'Der OneWire-Bus ist nicht eingerichtet', 'Send the configuration again'),
  row(1028, 'ONEWIRE_TIMEOUT', 'passing', 'The OneWire bus does not answer', 'Der OneWire-Bus antwortet nicht', 'Check wiring and pull-up (4.7 kΩ)'),
  row(1029, 'ONEWIRE_DUPLICATE_ROM', 'lasting', 'A ROM code is used twice', 'Ein ROM-Code ist doppelt vergeben', 'Give each sensor its own ROM code'),
  row(1030, 'PWM_INIT_FAILED', 'lasting', 'PWM could not be set up', 'PWM konnte nicht eingerichtet werden', 'Choose another gpio'),
  row(1031, 'PWM_CHANNELS_EXHAUSTED', 'lasting', 'All PWM channels are used', 'Alle PWM-Kanäle sind belegt', 'Remove another PWM actuator'),
  row(1032, 'PWM_SET_FAILED', 'lasting', 'A PWM value could not be set', 'Ein PWM-Wert konnte nicht gesetzt werden', 'Restart the device'),
  row(1040, 'SENSOR_READ_FAILED', 'lasting', 'A sensor could not be read', 'Ein Sensor konnte nicht gelesen werden', 'Check the wiring'),
  row(1041, 'SENSOR_INIT_FAILED', 'lasting', 'A sensor could not be set up', 'Ein Sensor konnte nicht eingerichtet werden', 'Check the wiring', 'Restart the device'),
  row(1042, 'SENSOR_NOT_FOUND', 'lasting', 'A sensor does not answer', 'Ein Sensor antwortet nicht', 'Check wiring and supply'),
  row(1043, 'SENSOR_TIMEOUT', 'passing', 'A sensor took too long', 'Ein Sensor hat zu lange gebraucht', 'Check the wiring'),
  row(1050, 'ACTUATOR_SET_FAILED', 'lasting', 'An actuator could not be switched', 'Ein Aktor konnte nicht geschaltet werden', 'Check wiring and supply'),
  row(1051, 'ACTUATOR_INIT_FAILED', 'lasting', 'An actuator could not be set up', 'Ein Aktor konnte nicht eingerichtet werden', 'Check gpio and wiring'),
  row(1052, 'ACTUATOR_NOT_FOUND', 'lasting', 'There is no actuator on that pin', 'An diesem Pin ist kein Aktor', 'Send the configuration again'),
  row(1053, 'ACTUATOR_CONFLICT', 'lasting', 'Two actuators want the same pin', 'Zwei Aktoren wollen denselben Pin', 'Choose another gpio'),
  row(1060, 'DS18B20_SENSOR_FAULT', 'lasting', 'A DS18B20 reports −127 °C: it is not connected', 'Ein DS18B20 meldet −127 °C: er ist nicht verbunden', 'Check wiring and pull-up (4.7 kΩ)'),
  row(1061, 'DS18B20_POWER_ON_RESET', 'passing', 'A DS18B20 reports 85 °C: it has not measured yet', 'Ein DS18B20 meldet 85 °C: er hat noch nicht gemessen', 'Check the supply'),
  row(1062, 'DS18B20_OUT_OF_RANGE', 'lasting', 'A DS18B20 is outside its range', 'Ein DS18B20 ist außerhalb seines Bereichs', 'Check the sensor'),
  row(1063, 'DS18B20_DISCONNECTED', 'lasting', 'A DS18B20 was disconnected', 'Ein DS18B20 wurde getrennt', 'Check the wiring'),
  row(2001, 'NVS_INIT_FAILED', 'grave', "The device's memory could not be opened", 'Der Speicher des Geräts konnte nicht geöffnet werden', 'Restart the device', 'Flash it again'),
  row(2002, 'NVS_READ_FAILED', 'lasting', "The device's memory could not be read", 'Der Speicher des Geräts konnte nicht gelesen werden', 'Restart the device'),
  row(2003, 'NVS_WRITE_FAILED', 'lasting', "The device's memory could not be written", 'Der Speicher des Geräts konnte nicht beschrieben werden', 'Restart the device'),
  row(2004, 'NVS_NAMESPACE_FAILED', 'lasting', "A part of the device's memory could not be opened", 'Ein Teil des Gerätespeichers konnte nicht geöffnet werden', 'Restart the device'),
  row(2005, 'NVS_CLEAR_FAILED', 'lasting', "The device's memory could not be cleared", 'Der Speicher des Geräts konnte nicht gelöscht werden', 'Flash the device again'),
  row(2010, 'CONFIG_INVALID', 'lasting', 'The configuration is not valid', 'Die Konfiguration ist ungültig', 'Send the configuration again'),
  row(2011, 'CONFIG_MISSING', 'lasting', 'The configuration is missing', 'Die Konfiguration fehlt', 'Send the configuration again'),
  row(2012, 'CONFIG_LOAD_FAILED', 'lasting', 'The configuration could not be read', 'Die Konfiguration konnte nicht gelesen werden', 'Send the configuration again'),
  row(2013, 'CONFIG_SAVE_FAILED', 'lasting', 'The configuration could not be kept', 'Die Konfiguration konnte nicht gespeichert werden', 'Send the configuration again'),
  row(2014, 'CONFIG_VALIDATION_FAILED', 'lasting', 'The configuration was refused', 'Die Konfiguration wurde abgelehnt', 'Check the fields it names'),
  row(2020, 'LOGGER_INIT_FAILED', 'lasting', "The device's log could not be opened", 'Das Protokoll des Geräts konnte nicht geöffnet werden'),
  row(2021, 'LOGGER_BUFFER_FULL', 'passing', "The device's log is full", 'Das Protokoll des Geräts ist voll'),
  row(2030, 'STORAGE_INIT_FAILED', 'lasting', "The device's storage could not be opened", 'Der Datenspeicher des Geräts konnte nicht geöffnet werden', 'Restart the device'),
  row(2031, 'STORAGE_READ_FAILED', 'lasting', "The device's storage could not be read", 'Der Datenspeicher des Geräts konnte nicht gelesen werden', 'Restart the device'),
  row(2032, 'STORAGE_WRITE_FAILED', 'lasting', "The device's storage could not be written", 'Der Datenspeicher des Geräts konnte nicht beschrieben werden', 'Restart the device'),
  row(2500, 'SUBZONE_INVALID_ID', 'lasting', 'A subzone has no valid name', 'Eine Subzone hat keinen gültigen Namen', 'Use letters, digits and _'),
  row(2501, 'SUBZONE_GPIO_CONFLICT', 'lasting', 'A pin belongs to two subzones', 'Ein Pin gehört zu zwei Subzonen', 'Give it to one of them'),
  row(2502, 'SUBZONE_PARENT_MISMATCH', 'lasting', 'A subzone belongs to another zone', 'Eine Subzone gehört zu einer anderen Zone', 'Assign the zone first'),
  row(2503, 'SUBZONE_NOT_FOUND', 'lasting', 'The subzone is not known', 'Die Subzone ist unbekannt', 'Assign it first'),
  row(2504, 'SUBZONE_GPIO_INVALID', 'lasting', 'A pin of a subzone does not exist', 'Einen Pin der Subzone gibt es nicht', 'Choose another gpio'),
  row(2505, 'SUBZONE_SAFE_MODE_FAILED', 'lasting', 'A subzone could not be made safe', 'Eine Subzone konnte nicht gesichert werden', 'Switch its actuators off by hand'),
  row(2506, 'SUBZONE_SAVE_FAILED', 'lasting', 'A subzone could not be kept', 'Eine Subzone konnte nicht gespeichert werden', 'Send it again'),
  row(3001, 'WIFI_INIT_FAILED', 'lasting', 'WiFi could not be started', 'WLAN konnte nicht gestartet werden', 'Restart the device'),
  row(3002, 'WIFI_CONNECT_TIMEOUT', 'passing', 'WiFi took too long', 'WLAN hat zu lange gebraucht', 'Check signal and password'),
  row(3003, 'WIFI_CONNECT_FAILED', 'lasting', 'WiFi refused the device', 'WLAN hat das Gerät abgelehnt', 'Check name and password'),
  row(3004, 'WIFI_DISCONNECTED', 'passing', 'WiFi was lost', 'WLAN wurde getrennt', 'Check the signal'),
  row(3005, 'WIFI_NO_SSID', 'lasting', 'No WiFi is set', 'Es ist kein WLAN eingestellt', 'Set it up'),
  row(3010, 'MQTT_INIT_FAILED', 'lasting', 'MQTT could not be started', 'MQTT konnte nicht gestartet werden', 'Restart the device'),
  row(3011, 'MQTT_CONNECT_FAILED', 'lasting', 'MQTT refused the device', 'MQTT hat das Gerät abgelehnt', 'Check address and password'),
  row(3012, 'MQTT_PUBLISH_FAILED', 'passing', 'A message could not be sent', 'Eine Nachricht konnte nicht gesendet werden', 'Check the signal'),
  row(3013, 'MQTT_SUBSCRIBE_FAILED', 'lasting', 'A subscription was refused', 'Ein Abonnement wurde abgelehnt', "Check the device's id"),
  row(3014, 'MQTT_DISCONNECTED', 'passing', 'MQTT was lost', 'MQTT wurde getrennt', 'Check the signal'),
  row(3015, 'MQTT_BUFFER_FULL', 'passing', 'Messages wait because MQTT is away', 'Nachrichten warten, weil MQTT fehlt', 'Check the signal'),
  row(3016, 'MQTT_PAYLOAD_INVALID', 'lasting', 'A message could not be read', 'Eine Nachricht war nicht lesbar', 'Update firmware or kaiser'),
  row(3020, 'HTTP_INIT_FAILED', 'lasting', 'HTTP could not be started', 'HTTP konnte nicht gestartet werden', 'Restart the device'),
  row(3021, 'HTTP_REQUEST_FAILED', 'passing', 'An HTTP request failed', 'Eine HTTP-Anfrage ist fehlgeschlagen', 'Check the network'),
  row(3022, 'HTTP_RESPONSE_INVALID', 'lasting', 'An HTTP answer could not be read', 'Eine HTTP-Antwort war nicht lesbar', 'Update firmware or kaiser'),
  row(3023, 'HTTP_TIMEOUT', 'passing', 'HTTP took too long', 'HTTP hat zu lange gebraucht', 'Check the network'),
  row(3030, 'NETWORK_UNREACHABLE', 'passing', 'The network is not reachable', 'Das Netz ist nicht erreichbar', 'Check the network'),
  row(3031, 'DNS_FAILED', 'passing', 'A name could not be resolved', 'Ein Name konnte nicht aufgelöst werden', 'Use the address'),
  row(3032, 'CONNECTION_LOST', 'passing', 'A connection was lost', 'Eine Verbindung ging verloren', 'Check the network'),
  row(3501, 'EMERGENCY_REJECTED_NO_TOKEN', 'grave', 'An emergency stop came without its token', 'Ein Not-Aus kam ohne sein Token', 'Set the token on the device'),
  row(4001, 'STATE_INVALID', 'lasting', 'The device is in no valid state', 'Das Gerät ist in keinem gültigen Zustand', 'Restart the device'),
  row(4002, 'STATE_TRANSITION_INVALID', 'lasting', 'The device cannot go into that state', 'Das Gerät kann nicht in diesen Zustand', 'Restart the device'),
  row(4003, 'STATE_MACHINE_STUCK', 'lasting', 'The device is stuck in a state', 'Das Gerät hängt in einem Zustand', 'Restart the device'),
  row(4010, 'OPERATION_TIMEOUT', 'passing', 'Something took too long', 'Etwas hat zu lange gedauert'),
  row(4011, 'OPERATION_FAILED', 'lasting', 'Something failed', 'Etwas ist fehlgeschlagen'),
  row(4012, 'OPERATION_CANCELLED', 'news', 'Something was cancelled', 'Etwas wurde abgebrochen'),
  row(4020, 'COMMAND_INVALID', 'lasting', 'A command is not known', 'Ein Befehl ist unbekannt', 'Update firmware or kaiser'),
  row(4021, 'COMMAND_PARSE_FAILED', 'lasting', 'A command could not be read', 'Ein Befehl war nicht lesbar', 'Update firmware or kaiser'),
  row(4022, 'COMMAND_EXECUTION_FAILED', 'lasting', 'A command failed', 'Ein Befehl ist fehlgeschlagen'),
  row(4030, 'PAYLOAD_INVALID', 'lasting', 'A message was not what it should be', 'Eine Nachricht war nicht, was sie sein sollte', 'Update firmware or kaiser'),
  row(4031, 'PAYLOAD_TOO_LARGE', 'lasting', 'A message was too large', 'Eine Nachricht war zu groß', 'Send less at once'),
  row(4032, 'PAYLOAD_PARSE_FAILED', 'lasting', 'A message could not be read', 'Eine Nachricht war nicht lesbar', 'Update firmware or kaiser'),
  row(4033, 'CORRELATION_MISSING', 'lasting', 'An answer cannot be told to its question', 'Eine Antwort lässt sich keiner Frage zuordnen', 'Update the firmware'),
  row(4040, 'MEMORY_FULL', 'grave', 'The device has no memory left', 'Das Gerät hat keinen Speicher mehr', 'Remove sensors', 'Restart the device'),
  row(4041, 'MEMORY_ALLOCATION_FAILED', 'lasting', 'The device could not get memory', 'Das Gerät bekam keinen Speicher', 'Remove sensors', 'Restart the device'),
  row(4042, 'MEMORY_LEAK', 'lasting', 'The device loses memory', 'Das Gerät verliert Speicher', 'Update the firmware'),
  row(4050, 'SYSTEM_INIT_FAILED', 'grave', 'The device could not start', 'Das Gerät konnte nicht starten', 'Restart the device', 'Flash it again'),
  row(4051, 'SYSTEM_RESTART', 'news', 'The device restarts', 'Das Gerät startet neu'),
  row(4052, 'SYSTEM_SAFE_MODE', 'lasting', 'The device is in safe mode', 'Das Gerät ist im sicheren Modus', 'Look for the error before it'),
  row(4060, 'TASK_CREATE_FAILED', 'lasting', 'A task could not be started', 'Eine Aufgabe konnte nicht gestartet werden', 'Restart the device'),
  row(4061, 'TASK_TIMEOUT', 'lasting', 'A task took too long', 'Eine Aufgabe hat zu lange gebraucht', 'Restart the device'),
  row(4062, 'QUEUE_FULL', 'passing', 'The device has too much to do', 'Das Gerät hat zu viel zu tun', 'Measure less often'),
  row(4070, 'WATCHDOG_TIMEOUT', 'lasting', 'The watchdog restarted the device', 'Der Watchdog hat das Gerät neu gestartet', 'Check the supply', 'Update the firmware'),
  row(4071, 'WATCHDOG_FEED_BLOCKED', 'passing', 'The device was too busy for its watchdog', 'Das Gerät war zu beschäftigt für seinen Watchdog', 'Measure less often'),
  row(4072, 'WATCHDOG_FEED_BLOCKED_CRITICAL', 'grave', 'The device was much too busy for its watchdog', 'Das Gerät war viel zu beschäftigt für seinen Watchdog', 'Measure less often'),
  row(4200, 'DEVICE_REJECTED', 'lasting', 'The device was rejected', 'Das Gerät wurde abgelehnt', 'Approve it, if it is yours'),
  row(4201, 'APPROVAL_TIMEOUT', 'lasting', 'Nobody approved the device', 'Niemand hat das Gerät freigegeben', 'Approve it'),
  row(4202, 'APPROVAL_REVOKED', 'lasting', "The device's approval was withdrawn", 'Die Freigabe des Geräts wurde entzogen', 'Approve it, if it is yours'),
]

const byCode = new Map(espErrorCodes.map((entry) => [entry.code, entry]))

const byName = new Map(espErrorCodes.map((entry) => [entry.name, entry]))

/** By its number, also as text, or by its name. */
export const espErrorCode = (said: number | string): EspErrorCode | undefined =>
  byCode.get(Number(said)) ?? byName.get(String(said).toUpperCase())
