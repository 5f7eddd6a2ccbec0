using System.Numerics;

namespace Bifrost.Domain.Tests;

/// <summary>An exact number: what the ledger's rounded arithmetic is measured against.</summary>
internal readonly record struct Fraction : IComparable<Fraction>
{
    private readonly BigInteger over;
    private readonly BigInteger under;

    private Fraction(BigInteger over, BigInteger under)
    {
        var common = BigInteger.GreatestCommonDivisor(over, under) * (under.Sign < 0 ? -1 : 1);
        (this.over, this.under) = (over / common, under / common);
    }

    public static Fraction Zero => Of(0);

    public static Fraction Of(decimal value)
    {
        var digits = value;
        var scale = 0;
        // Amounts of the ledger have at most 28 digits, so moving the point one place at a time loses none.
        while (decimal.Truncate(digits) != digits)
            (digits, scale) = (digits * 10, scale + 1);
        return new Fraction(new BigInteger(digits), BigInteger.Pow(10, scale));
    }

    public static Fraction operator +(Fraction a, Fraction b) =>
        new(a.over * b.under + b.over * a.under, a.under * b.under);

    public static Fraction operator -(Fraction a, Fraction b) =>
        new(a.over * b.under - b.over * a.under, a.under * b.under);

    public static Fraction operator *(Fraction a, Fraction b) => new(a.over * b.over, a.under * b.under);

    public static Fraction operator /(Fraction a, Fraction b) => new(a.over * b.under, a.under * b.over);

    public static bool operator <(Fraction a, Fraction b) => a.CompareTo(b) < 0;

    public static bool operator >(Fraction a, Fraction b) => a.CompareTo(b) > 0;

    public static bool operator <=(Fraction a, Fraction b) => a.CompareTo(b) <= 0;

    public static bool operator >=(Fraction a, Fraction b) => a.CompareTo(b) >= 0;

    public static Fraction Min(Fraction a, Fraction b) => a < b ? a : b;

    public Fraction Abs() => new(BigInteger.Abs(over), under);

    public int CompareTo(Fraction other) => (over * other.under).CompareTo(other.over * under);

    public override string ToString() => $"{(double)over / (double)under:R} ({over}/{under})";
}
