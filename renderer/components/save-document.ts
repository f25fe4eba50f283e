/** Hands a document over, as a browser or the window saves one. */
export function saveDocument({ content, mediaType, fileName }: { content: string; mediaType: string; fileName: string }): void {
  const url = URL.createObjectURL(new Blob([content], { type: mediaType }));
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(url);
}
