using Npgsql;

namespace Bifrost.EventStore;

/// <summary>
/// The database roles that modules work as; sql/ledger/0010_module_roles.sql says what each may do, of a cluster's
/// members sql/ledger/0012_cluster_membership.sql, and of messages sql/messaging/0001_messages.sql. A module logs in as
/// its role where the connection string names a Passfile, which then has the role's password. Without one it takes the
/// role on within a session of the string's own user: what it may do is the same, what it could do is not.
/// </summary>
public static class ModuleRoles
{
    public const string LedgerWriter = "ledger_writer";

    public const string Portfolio = "portfolio_service_user";

    public const string MarketData = "market_data_service_user";

    /// <summary>Of whoever takes part in a cluster; it reaches nothing but the cluster's membership.</summary>
    public const string ClusterMember = "cluster_member";

    /// <summary>Of messages, jobs and webhooks: it reads the log and writes what is in the schema work.</summary>
    public const string Work = "work_service_user";

    // A role may set these for itself for good, and the server must not work by what another session of it has set.
    // What is sent with a connection comes before what the role or the database says.
    private const string Settings =
        @"-c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0 -c idle_session_timeout=0 "
        + @"-c default_transaction_isolation=read\ committed -c default_transaction_read_only=off "
        + @"-c default_transaction_deferrable=off -c synchronous_commit=on -c search_path=public "
        + @"-c TimeZone=UTC -c DateStyle=ISO,MDY -c IntervalStyle=postgres -c extra_float_digits=1 "
        + @"-c bytea_output=hex -c standard_conforming_strings=on -c transform_null_equals=off -c array_nulls=on "
        + @"-c row_security=on";

    /// <summary>Also those of services that are not built yet.</summary>
    public static readonly IReadOnlyList<string> All =
    [
        LedgerWriter,
        Portfolio,
        "execution_service_user",
        MarketData,
        "strategy_service_user",
        "risk_service_user",
        "web_portal_user",
        "analytics_service_user",
        ClusterMember,
        Work,
    ];

    /// <param name="connectionString">An Npgsql connection string of the database's owner.</param>
    /// <param name="options">
    /// Settings of the session, each as PostgreSQL's -c has it; they come before those that every module has.
    /// </param>
    public static NpgsqlConnectionStringBuilder As(string role, string connectionString, string options)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        if (settings.Passfile is null)
        {
            settings.Options = $"-c role={role} {Settings} {options}";
            return settings;
        }
        settings.Options = $"{Settings} {options}";
        settings.Username = role;
        settings.Password = null;
        return settings;
    }
}
