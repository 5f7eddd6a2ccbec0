namespace Bifrost.Audit;

/// <summary>Something that whoever audits can put right, or has to know; said in a sentence.</summary>
public sealed class AuditException(string message, Exception? inner = null) : Exception(message, inner);
