/**
 * Headers besides a condition: none, since `fetch` adds its own, and a server would have to allow ours for
 * pages.
 */
export const revalidation: Record<string, string> = {}
