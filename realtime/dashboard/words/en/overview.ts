/** The overview: zones, devices, and how to connect the first one. */
export const overview = {
  devices: 'Devices',
  first: 'Connect the first device',
  first_address: 'MQTT address',
  first_credentials: 'It needs credentials of its own: pair it below, or run {command} on the box.',
  first_how: 'Point an ESP32 at this box; it shows up here as soon as it says something.',
  first_login: 'Login',
  first_login_id: 'its id as user name, and its password',
  first_login_none: 'none needed',
  first_port: 'Port',
  first_tls_too: 'also offered',
  first_try: 'Or try it from any computer:',
  online: '{online} of {n} online',
  reading: 'Reading the devices …',
  rejected: 'Rejected devices',
  unread: 'The lists could not be read: {error} Trying again in a few seconds.',
  waiting: 'Waiting to be let in',
}
