#include "server/deflation.hpp"

namespace chorus::server {

using websocket::Context;
using websocket::DeflateParameters;
using websocket::MessageDeflater;
using websocket::MessageInflater;

MessageDeflater& Deflation::made(DeflaterPtr& deflater, DeflateParameters agreed) {
  if (!deflater)
    deflater =
        std::make_unique<MessageDeflater>(settings_, agreed.server_window_bits, agreed.server_context, counters_);
  return *deflater;
}

MessageDeflater& Deflation::deflater(net::ConnectionId id, DeflateParameters agreed) {
  bool const own = agreed.server_context == Context::taken_over;
  return made(own ? own_[key(id)].deflater : deflaters_[agreed.server_window_bits], agreed);
}

MessageInflater& Deflation::inflater(net::ConnectionId id, DeflateParameters agreed) {
  if (agreed.client_context == Context::none) {
    if (!inflater_) inflater_ = std::make_unique<MessageInflater>();
    return *inflater_;
  }
  auto& own = own_[key(id)].inflater;
  if (!own) own = std::make_unique<MessageInflater>(agreed.client_window_bits, Context::taken_over);
  return *own;
}

}  // namespace chorus::server
