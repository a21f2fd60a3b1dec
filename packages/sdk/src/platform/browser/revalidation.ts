/** Headers beside a condition: none, since `fetch` adds its own, and a server would have to allow ours to pages. */
export const revalidation: Record<string, string> = {}
