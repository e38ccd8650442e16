/** What a login that may not restart its machine ends with. */
export const NOT_ALLOWED = 77;

/** The machine goes down while the answer is under way. */
export const REBOOT = `
[ "$(id -u)" = 0 ] || exit ${NOT_ALLOWED}
sync
systemctl reboot || reboot || shutdown -r now
`;
