/** Before somebody is in: nobody answers, first account, login. */
export const entrance = {
  session_ended: 'Your session has ended. Please log in again.',
}
