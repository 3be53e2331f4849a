// Divergence, calls, tables of branches, local memory, warp-wide operations, atomics, barriers with numbers.
typedef unsigned u32; typedef unsigned long long u64;
struct Pair{ double x; int n; };
extern "C" __global__ void collatz(const u32*in,u32*steps,int n){ int i=blockIdx.x*blockDim.x+threadIdx.x; if(i>=n) return; u32 v=in[i],s=0;
  while(v!=1){ if(v&1){ v=3*v+1; if(s>5000) break; } else v>>=1; s++; } steps[i]=s; }
__device__ __noinline__ double poly(double x,int n){ double s=0; for(int i=0;i<n;i++) s=__fma_rn(s,x,(double)i); return s; }
__device__ __noinline__ Pair twist(Pair p){ p.x=poly(p.x,p.n)+1.0; p.n+=1; return p; }
__device__ __noinline__ int fact(int n){ return n<2?1:n*fact(n-1); }
__device__ __noinline__ void put(int*p,int v){ *p=v; }
extern "C" __global__ void calls(double*x,int*f){ int i=threadIdx.x; if(i%3==1){ Pair p; p.x=x[i]; p.n=i%5; p=twist(p); x[i]=p.x+p.n; } else if(i%3==2) x[i]=poly(x[i],i); int r=fact(i%11); put(f+i,r); }
extern "C" __global__ void table(int*out){ int i=threadIdx.x,v; switch(i%9){ case 0:v=11;break; case 1:v=i*i;break; case 2:v=__popc(i);break; case 3:v=i-100;break; case 4:v=i*7;break; case 5:v=i<<3;break; case 6:v=i|64;break; case 7:v=~i;break; default:v=0; } out[i]=v; }
extern "C" __global__ void local(const int*idx,double*out,int n){ double a[16]; for(int i=0;i<16;i++) a[i]=i*1.5+threadIdx.x; for(int i=0;i<n;i++) a[idx[i]&15]+=a[idx[i+1]&15]; double s=0; for(int i=0;i<16;i++) s+=a[(i*5)&15]; out[threadIdx.x]=s; }
extern "C" __global__ void warps(u32*out){ u32 t=threadIdx.x,l=t&31; u32*o=out+16*t; o[0]=__ballot_sync(~0u,l*7%5<2); o[1]=__any_sync(~0u,l==40); o[2]=__all_sync(~0u,l<32); o[3]=__shfl_sync(~0u,t,l*3); o[4]=__shfl_up_sync(~0u,t,3); o[5]=__shfl_down_sync(~0u,t,5,8); o[6]=__shfl_xor_sync(~0u,t,9); o[7]=__activemask();
  o[8]=0; if(l<16) o[8]=__shfl_sync(0xffffu,t+100,(l+1)&15); __syncwarp(); o[9]=0; o[10]=0; o[11]=0;
#if __CUDA_ARCH__>=800
  o[9]=__reduce_add_sync(~0u,t); o[10]=(u32)__reduce_min_sync(~0u,(int)t-20); o[11]=__match_any_sync(~0u,l/5);
#endif
  asm("mov.u32 %0,%%lanemask_lt;":"=r"(o[12])); o[13]=__syncthreads_count(t%3==0); o[14]=__syncthreads_and(t<1000)+2*__syncthreads_or(t==77); asm("mov.u32 %0,%%warpid;":"=r"(o[15])); }
__device__ u32 total; __constant__ u32 primes[5]={2,3,5,7,11}; __device__ int negative[3]={-1,-2,-3};
extern "C" __global__ void atomics(u32*h,u64*m,int*mn){ __shared__ u32 bins[8]; if(threadIdx.x<8) bins[threadIdx.x]=0; __syncthreads(); atomicAdd(&bins[threadIdx.x%7],primes[threadIdx.x%5]); atomicAdd(&total,1u); atomicMax(m,(u64)threadIdx.x*1000003ull%997); atomicMin(mn,negative[threadIdx.x%3]*(int)threadIdx.x); atomicCAS(h+8,5u,threadIdx.x+6); __syncthreads(); if(threadIdx.x<8) h[threadIdx.x]=bins[threadIdx.x]; if(threadIdx.x==0) h[9]=total; }
extern "C" __global__ void halves(int*out){ __shared__ int s[128]; int t=threadIdx.x,g=t/64; s[t]=t*t; asm volatile("bar.sync %0,64;"::"r"(g+1):"memory"); out[t]=s[g*64+(63-(t&63))]; }
extern "C" __global__ void forever(int*p){ while(true) atomicAdd(p,1); }
extern "C" __global__ void stop(int*p){ if(*p==3) __trap(); *p=4; }
struct Args{ const double*x; double*y; int n; double s; };
extern "C" __global__ void scaled(Args a,double t){ extern __shared__ double buf[]; for(int i=threadIdx.x;i<a.n;i+=blockDim.x) buf[i]=a.x[i]*a.s; __syncthreads(); for(int i=threadIdx.x;i<a.n;i+=blockDim.x) a.y[i]=buf[a.n-1-i]+t; double2*v=(double2*)a.y; if(threadIdx.x==0){ double2 q=v[0]; v[0]=make_double2(q.y,q.x); } }
extern "C" __global__ void speed(double*x,int n){ int t=blockIdx.x*blockDim.x+threadIdx.x; double s=x[t],m=1.0000001; u32 h=t; for(int i=0;i<n;i++){ s=__fma_rn(s,m,0.5); h=h*1664525u+1013904223u; s=__dadd_rn(s,(double)(int)(h>>28)); h^=h>>7; } x[t]=s+h; }
extern "C" __global__ void stream(const double*a,double*b,int n){ __shared__ double s[256]; int t=threadIdx.x; double v=0; for(int i=0;i<n;i++){ s[t]=a[i*256+t]; __syncthreads(); v=__dadd_rn(v,s[255-t]); __syncthreads(); } b[t]=v; }
