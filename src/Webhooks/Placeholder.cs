namespace Bifrost.Webhooks;
