/** Text from elsewhere without what a terminal would obey, and without marks that show it in another order than it is written. */
export function plain(text: string): string {
  // Escape sequences first, as a whole; then every other control character but tab and line end.
  return text.replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-_])/g, '').replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '');
}
