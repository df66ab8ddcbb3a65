extern "C" int ring_bell(const char* store);

int main(int, char** argv) { return ring_bell(argv[1]); }
