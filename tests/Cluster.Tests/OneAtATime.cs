// Each of these tests has several nodes and kills some: two at a time take each other's processor, and the connections
// that the roles of the one server have.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
