// Precompiled for targets that say ASIO.
#pragma once

#include "common.hpp"

#include <boost/asio.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/beast.hpp>
