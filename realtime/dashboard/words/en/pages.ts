/** The names of the pages. */
export const pages = {
  overview: 'Overview',
  mqtt_log: 'MQTT log',
  absent: 'No such page',
  forbidden: 'Not for your account',
}
