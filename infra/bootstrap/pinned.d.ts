export declare const NODE_VERSION: string;
export declare const PNPM_VERSION: string;
export declare const ROOT: string;
export declare const TOOLS: string;
