/** What `Fn::GetAtt` can read from a custom resource. */
export type Attributes = Readonly<Record<string, string>>;
