export declare const identityOf: (pid: number) => string;
export declare function isAlive(identity: string): boolean;
