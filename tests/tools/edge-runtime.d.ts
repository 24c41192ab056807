declare module "@telnyx/edge-runtime" {
  export interface KvNamespace {
    get(key: string, options?: { type: "text" }): Promise<string | null>;
    get<T>(key: string, options: { type: "json" }): Promise<T | null>;
    put(key: string, value: string, options?: { expirationTtl?: number }): Promise<void>;
    delete(key: string): Promise<void>;
    list(options?: { prefix?: string; limit?: number; cursor?: string }): Promise<{
      keys: { name: string; sizeBytes?: number; updatedAt?: string }[];
      list_complete: boolean;
      cursor?: string;
    }>;
  }

  // What is bound is added by telnyx-env.d.ts.
  export interface Env {}

  export const env: Env;
}
