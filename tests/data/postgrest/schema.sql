-- The tables behind answers.txt, as far as the answers show them.
create table public.customers (
    id    bigint primary key,
    email text,
    name  text
);
create table public.orders (
    id          bigint      generated always as identity primary key,
    external_id text        not null,
    source      text        not null default 'woo',
    customer_id bigint      references public.customers (id),
    status      text        not null default 'new' check (status in ('new', 'paid', 'failed')),
    total       numeric(12,2) not null,
    tags        jsonb       not null default '[]',
    raw         jsonb,
    placed_at   timestamptz,
    updated_at  timestamptz not null default now(),
    unique (source, external_id)
);
create table public.order_lines (
    id       bigint        generated always as identity primary key,
    order_id bigint        not null references public.orders (id),
    sku      text,
    qty      integer       not null,
    price    numeric(12,2) not null
);
create or replace function public.syncline_set_updated_at() returns trigger language plpgsql as $$
begin
    new.updated_at = now();
    return new;
end
$$;
create trigger orders_set_updated_at before update on public.orders
    for each row execute function public.syncline_set_updated_at();
grant select, insert, update, delete on public.customers, public.orders, public.order_lines to service_role;
grant select on public.order_lines to anon;
