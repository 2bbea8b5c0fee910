/** The names of the pages. */
export const pages = {
  overview: 'Overview',
  devices: 'Devices',
  device: 'Device',
  charts: 'Charts',
  mqtt_log: 'MQTT log',
  topics: 'Topics',
  rules: 'Rules',
  mock_lab: 'Mock lab',
  audit: 'Audit',
  users: 'Users',
  account: 'My account',
  connect: 'Connect a device',
  system: 'System',
  setup: 'Setting up',
  absent: 'No such page',
  forbidden: 'Not for your account',
}
